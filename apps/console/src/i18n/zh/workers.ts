import type { workers as en } from '../en/workers';
import type { Shape } from '../shape';

export const workers: Shape<typeof en> = {
  title: '工作进程',
  column: {
    process: '进程',
    status: '状态',
    app: '应用',
    version: '版本',
    instances: '持有的实例',
    calls: '正在执行的步骤',
    room: '余量',
    started: '启动时间',
    seen: '最近心跳',
  },
  status: { starting: '启动中', running: '运行中', draining: '排空中', silent: '无心跳', closing: '关闭中' },
  hasRoom: '有',
  isFull: '已满',
  queues: '等待中',
  queue: {
    dispatch: '等待进程的实例',
    later: '等待到时的实例',
    slots: '等待流程并发名额的实例',
    callbacks: '待送达的回调',
    dead: '已放弃的回调',
  },
  alone: '此处由一个进程完成所有工作，实例无需等待其他进程。',
};
