import type { approvals as en } from '../en/approvals';
import type { Shape } from '../shape';

export const approvals: Shape<typeof en> = {
  title: '审批',
  none: {
    title: '没有等待您决定的事项',
    text: '当运行到达使用 @control/approval 且指定您为审批人的步骤时，会立即显示在这里。',
  },
  list: '等待决定的事项，最早的在前',
  untitled: '步骤 {{step}} 的审批',
  since: '等待开始于',
  until: '到期',
  neverExpires: '不会到期',
  of: '步骤 {{path}}，属于',
  has: '已有 {{has}} / {{quorum}} 个批准',
  assignees: '可决定的人',
  approvedBy: '{{by}} 已批准',
  rejectedBy: '{{by}} 已拒绝',
  approve: '批准',
  reject: '拒绝',
  note: '原因（随决定一起保存）',
  noteOfRejection: '原因（随拒绝一起保存）',
  noteHint: '以后阅读的人应当知道的内容',
  decided: '您的决定已生效。',
  asked: '询问的内容',
  keys: '按键：j 下一个，k 上一个，Enter 打开实例',
};
