import type { instance as en } from '../en/instance';
import type { Shape } from '../shape';

export const instance: Shape<typeof en> = {
  title: '实例',
};
