import type { overview as en } from '../en/overview';
import type { Shape } from '../shape';

export const overview: Shape<typeof en> = {
  title: '总览',
  now: '当前',
  hour: '近一小时内结束',
  chart: '每分钟结束的实例数，最多 {{most}} 个',
  next: '即将触发',
  noNext: '没有启用的定时',
  noNextText: '可在流程的“触发器”中添加定时。',
  failures: '最近的失败',
  noFailures: '没有失败',
};
