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
    run: '运行此流程，或列表中当前的流程',
    move: '列表中下一项、上一项；进入列表后也可用方向键',
    open: '打开当前项',
    select: '选择当前项（列表带复选框时）',
    help: '显示此列表',
  },
  unreachable: '无法连接服务。当前内容可能已过期，正在重试。',
};
