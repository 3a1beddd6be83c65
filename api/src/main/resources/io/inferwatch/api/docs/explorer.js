"use strict";
SwaggerUIBundle({ url: "/openapi.yml", dom_id: "#explorer", validatorUrl: null, deepLinking: true });
