export default { test: { server: { deps: { inline: ['@finpilot/metrics'] } } } };
