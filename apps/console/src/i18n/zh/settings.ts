import type { settings as en } from '../en/settings';
import type { Shape } from '../shape';

export const settings: Shape<typeof en> = {
  title: '设置',
};
