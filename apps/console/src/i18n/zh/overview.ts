import type { overview as en } from '../en/overview';
import type { Shape } from '../shape';

export const overview: Shape<typeof en> = {
  title: '总览',
};
