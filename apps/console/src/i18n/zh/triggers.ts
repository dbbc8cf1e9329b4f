import type { triggers as en } from '../en/triggers';
import type { Shape } from '../shape';

export const triggers: Shape<typeof en> = {
  title: '触发器',
};
