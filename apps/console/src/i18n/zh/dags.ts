import type { dags as en } from '../en/dags';
import type { Shape } from '../shape';

export const dags: Shape<typeof en> = {
  title: '流程',
};
