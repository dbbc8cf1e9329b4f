import type { dag as en } from '../en/dag';
import type { Shape } from '../shape';

export const dag: Shape<typeof en> = {
  title: '流程',
};
