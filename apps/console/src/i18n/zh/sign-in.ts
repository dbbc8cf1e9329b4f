import type { signIn as en } from '../en/sign-in';
import type { Shape } from '../shape';

export const signIn: Shape<typeof en> = {
  title: '登录',
  token: '令牌',
  placeholder: 'fa_...',
  hint: '服务首次启动时会打印管理员令牌。您自己的令牌可在“设置”中创建。',
  submit: '登录',
  refused: '令牌无效：输入有误、已过期或已被吊销。',
  fragment: '您打开的链接中的令牌已失效，请粘贴另一个令牌。',
  empty: '请粘贴令牌。',
};
