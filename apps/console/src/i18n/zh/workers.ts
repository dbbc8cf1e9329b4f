import type { workers as en } from '../en/workers';
import type { Shape } from '../shape';

export const workers: Shape<typeof en> = {
  title: '工作进程',
};
