import type { settings as en } from '../en/settings';
import type { Shape } from '../shape';

export const settings: Shape<typeof en> = {
  title: '设置',
  tab: { tokens: '令牌', secrets: '密钥', variables: '变量' },
  column: {
    name: '名称',
    permissions: '权限',
    created: '创建时间',
    expires: '到期',
    used: '最近使用',
    value: '值',
    hosts: '主机',
    usedBy: '被使用',
    changed: '修改',
  },
  permissions_one: '{{count}} 项权限',
  permissions_other: '{{count}} 项权限',
  required: '必填。',
  keep: '保存',
  ask: '删除 {{name}}？',
  token: {
    revoke: '吊销令牌 {{name}}？',
    lifetime: '有效期',
    days_one: '{{count}} 天',
    days_other: '{{count}} 天',
    make: '创建令牌',
    once: '请立即复制，之后不再显示。',
  },
  secretHint: '在流程中以 {{example}} 读取；密钥只会发送到其主机，值不会再显示。',
  variableHint: '在流程中以 {{example}} 读取。合法的 JSON 按 JSON 保存，其余按文本保存。',
};
