import { Handle, Position, type Node, type NodeProps } from '@xyflow/react';
import { memo } from 'react';
import type { GraphStep, StepState } from './graph';
import { StatusBadge, toneOf } from '../status-badge/status-badge';
import { iconOf } from './operator-icon';

export type StepNode = Node<
  { readonly step: GraphStep; readonly state: StepState | undefined; readonly isConstruct: boolean },
  'step'
>;
export type BodyNode = Node<{ readonly label: string }, 'body'>;

/** A step, or the construct around its bodies, whose head looks as a step does. */
export const StepNodeView = memo(function StepNodeView({ data, selected }: NodeProps<StepNode>) {
  const { step, state, isConstruct } = data;
  const Icon = iconOf(step.operator);
  const classes = ['flow-step', isConstruct && 'flow-construct', selected && 'flow-selected', state?.status];
  return (
    <div className={classes.filter(Boolean).join(' ')} style={state && { borderColor: toneOf(state.status) }}>
      <Handle type="target" position={Position.Top} isConnectable={false} />
      <div className="flow-head">
        <Icon size={16} className="flow-icon" />
        <div className="flow-names">
          <div className="flow-title" title={step.title}>
            {step.title}
          </div>
          <div className="flow-operator">{state?.note ?? step.operator}</div>
        </div>
        {state && <StatusBadge status={state.status} iconOnly />}
      </div>
      <Handle type="source" position={Position.Bottom} isConnectable={false} />
    </div>
  );
}, looksTheSame);

/** A run that goes on gives every step a new state; only those whose state says something else are drawn again. */
function looksTheSame(a: NodeProps<StepNode>, b: NodeProps<StepNode>): boolean {
  const [from, to] = [a.data, b.data];
  return (
    from.step === to.step &&
    from.isConstruct === to.isConstruct &&
    from.state?.status === to.state?.status &&
    from.state?.note === to.state?.note &&
    a.selected === b.selected
  );
}

export const BodyNodeView = memo(function BodyNodeView({ data }: NodeProps<BodyNode>) {
  return (
    <div className="flow-body">
      <div className="flow-label">{data.label}</div>
    </div>
  );
});
