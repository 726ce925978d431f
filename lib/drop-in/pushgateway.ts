import type { Gatherer } from '../model/family.ts';
import { Pushgateway as PlainPushgateway } from '../push/pushgateway.ts';
import type { PushgatewayOptions } from '../push/pushgateway-options.ts';
import type { RegistryContentType } from './content-type.ts';

/** How a Pushgateway is created. prom-client's type argument, the content type of a registry, is taken and says nothing. */
export interface PushgatewayConstructor {
  new <T extends RegistryContentType = RegistryContentType>(
    url: string | URL,
    options?: PushgatewayOptions,
    registry?: Gatherer,
  ): TypedPushgateway<T>;
  readonly prototype: PlainPushgateway;
}

/** The Pushgateway of `@finpilot/metrics/push`, with the type argument that prom-client's users give it. */
const TypedPushgateway: PushgatewayConstructor = PlainPushgateway;
type TypedPushgateway<_T extends RegistryContentType = RegistryContentType> = PlainPushgateway;

export { TypedPushgateway as Pushgateway };
