import type { shell as en } from '../en/shell';
import type { Shape } from '../shape';

export const shell: Shape<typeof en> = {
  product: 'Flow Automation',
  skip: '跳到正文',
  nav: {
    label: '页面',
    overview: '总览',
    dags: '流程',
    instances: '实例',
    approvals: '审批',
    triggers: '触发器',
    workers: '工作进程',
    settings: '设置',
  },
  account: {
    label: '{{principal}} 的账户',
    signedInAs: '当前用户：{{principal}}',
    domain: '业务域',
    signOut: '退出登录',
    apiDocs: 'API 参考',
  },
  theme: { toDark: '深色主题', toLight: '浅色主题' },
  language: '语言',
  notFound: { title: '页面不存在', text: '地址 {{path}} 无效。', back: '返回总览' },
  keys: {
    title: '快捷键',
    overview: '总览',
    dags: '流程',
    instances: '实例',
    approvals: '审批',
    triggers: '触发器',
    workers: '工作进程',
    settings: '设置',
    search: '在本页搜索',
    run: '运行此流程',
    list: '进入列表，随后上下移动；Enter 打开，x 选择',
    help: '显示此列表',
  },
  unreachable: '无法连接服务。当前内容可能已过期，正在重试。',
};
