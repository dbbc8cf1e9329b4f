import type { instances as en } from '../en/instances';
import type { Shape } from '../shape';

export const instances: Shape<typeof en> = {
  title: '实例',
};
