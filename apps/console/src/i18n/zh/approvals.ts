import type { approvals as en } from '../en/approvals';
import type { Shape } from '../shape';

export const approvals: Shape<typeof en> = {
  title: '审批',
};
