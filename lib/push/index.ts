import { Pushgateway } from './pushgateway.ts';

export type { PushgatewayOptions } from './push-settings.ts';
export type { PushCallback, PushParameters } from './pushgateway.ts';
export type { PushAnswer } from './send-request.ts';
export { Pushgateway };

/** The same names as the named exports. */
export default { Pushgateway };
