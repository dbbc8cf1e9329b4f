import type { parts as en } from '../en/parts';
import type { Shape } from '../shape';

export const parts: Shape<typeof en> = {
  loading: '加载中',
  retry: '重试',
  cancel: '取消',
  close: '关闭',
  copy: '复制',
  copied: '已复制',
  delete: '删除',
  save: '保存',
  never: '从未',
  none: '无',
  requestId: '请求 {{id}}',
  forbidden: '您的令牌缺少所需权限。',
  gone: '对象不存在，或不属于当前业务域。',
  failed: '加载失败。',
  count_one: '{{count}} 项',
  count_other: '{{count}} 项',
};
