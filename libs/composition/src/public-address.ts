import { API_PREFIX } from '@flow/http';
import type { Settings } from '@flow/settings';

/** Where others reach the public API. */
export function publicAddress({ publicUrl, apiServerHost, apiServerPort }: Settings): string {
  return `${publicUrl ?? `http://${apiServerHost}:${apiServerPort}`}${API_PREFIX}`;
}
