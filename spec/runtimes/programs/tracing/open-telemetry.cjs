'use strict';

// OpenTelemetry as its users set it up: traces that a caller has sampled are sampled.

const { registerInstrumentations } = require('@opentelemetry/instrumentation');
const { HttpInstrumentation } = require('@opentelemetry/instrumentation-http');
const { NodeTracerProvider } = require('@opentelemetry/sdk-trace-node');
const { openTelemetryExemplars } = require('@finpilot/metrics/service');
const { serve } = require('./serve.cjs');

new NodeTracerProvider().register();
registerInstrumentations({ instrumentations: [new HttpInstrumentation()] });
serve(openTelemetryExemplars());
