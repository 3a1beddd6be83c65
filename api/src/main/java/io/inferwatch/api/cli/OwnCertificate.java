package io.inferwatch.api.cli;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Trusts the certificate that lies in the configuration, and no other. A name is not compared: the sidecar is asked over an
 * address of this host, which its certificate need not hold, and nobody else has its key.
 */
final class OwnCertificate extends X509ExtendedTrustManager {
    private final Certificate own;
    private final Path file;

    private OwnCertificate(Certificate own, Path file) {
        this.own = own;
        this.file = file;
    }

    /** @throws CommandFailure when the file holds no certificate */
    static SSLContext context(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            Certificate own = CertificateFactory.getInstance("X.509").generateCertificate(in);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {new OwnCertificate(own, file)}, null);
            return context;
        } catch (IOException | GeneralSecurityException e) {
            throw new CommandFailure(
                    InferwatchCommand.USAGE, "http.tls.certificate_file: " + file + " cannot be read: " + e);
        }
    }

    private void requireOwn(X509Certificate[] chain) throws CertificateException {
        if (chain.length == 0 || !own.equals(chain[0])) {
            throw new CertificateException("another certificate than that of http.tls.certificate_file, " + file);
        }
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String kind) throws CertificateException {
        requireOwn(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String kind, Socket socket) throws CertificateException {
        requireOwn(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String kind, SSLEngine engine) throws CertificateException {
        requireOwn(chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String kind) throws CertificateException {
        throw new CertificateException("this is no server");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String kind, Socket socket) throws CertificateException {
        throw new CertificateException("this is no server");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String kind, SSLEngine engine) throws CertificateException {
        throw new CertificateException("this is no server");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }
}
