import { register as registerOfCore } from '../registry/register.ts';
import type { PrometheusContentType, RegistryContentType } from './content-type.ts';
import { Registry } from './registry.ts';

/** The content type of the default registry's `metrics()`; follows its `setContentType()`. */
export let contentType: RegistryContentType = Registry.PROMETHEUS_CONTENT_TYPE;

class DefaultRegistry extends Registry {
  override setContentType(type: PrometheusContentType): void {
    super.setContentType(type);
    contentType = type;
  }
}

/**
 * The default registry: that of the core, with the methods that prom-client's users know.
 *
 * There can be one only, and the core makes it, which knows nothing of this class: so it is given its methods here.
 */
export const register: Registry = Object.setPrototypeOf(registerOfCore, DefaultRegistry.prototype) as Registry;
