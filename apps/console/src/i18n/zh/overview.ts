import type { overview as en } from '../en/overview';
import type { Shape } from '../shape';

export const overview: Shape<typeof en> = {
  title: '总览',
  now: '当前',
  day: '近 24 小时内开始并已结束',
  next: '即将触发',
  noNext: '没有启用的定时',
  noNextText: '可在流程的“触发器”中添加定时。',
  failures: '最近的失败',
  noFailures: '没有失败',
};
