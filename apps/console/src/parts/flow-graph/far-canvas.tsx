import { useComputedColorScheme } from '@mantine/core';
import { useStore } from '@xyflow/react';
import { useLayoutEffect, useMemo, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { toneNameOf } from '../status-badge/status-badge';
import { drawFar, type ColourOf } from './far-view';
import type { StepState } from './graph';
import type { Layout } from './layout';

interface Props {
  readonly layout: Layout;
  readonly states: ReadonlyMap<string, StepState> | undefined;
  readonly selected: string | undefined;
}

/** What is seen of a large DAG from far: one picture, drawn anew for each frame in which the view moves. */
export function FarCanvas({ layout, states, selected }: Props) {
  const { t } = useTranslation();
  const scheme = useComputedColorScheme('light');
  const box = useRef<HTMLCanvasElement>(null);
  const [x, y, zoom] = useStore(({ transform }) => transform);
  const width = useStore((store) => store.width);
  const height = useStore((store) => store.height);
  const colourOf = useMemo(() => coloursOf(scheme), [scheme]);
  useLayoutEffect(() => {
    const canvas = box.current;
    const context = canvas?.getContext('2d');
    if (!canvas || !context) return;
    const ratio = window.devicePixelRatio;
    const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (canvas.width !== w || canvas.height !== h) [canvas.width, canvas.height] = [w, h];
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    drawFar(context, { layout, states, selected, toneOf: toneNameOf }, { x, y, zoom }, { width, height }, colourOf);
  }, [x, y, zoom, width, height, layout, states, selected, colourOf]);
  return <canvas ref={box} className="flow-far" role="img" aria-label={t('parts.graph.far')} />;
}

/** Asked for once in a theme: a canvas knows no custom properties. */
function coloursOf(_scheme: 'light' | 'dark'): ColourOf {
  const style = getComputedStyle(document.documentElement);
  const known = new Map<string, string>();
  return (name) => {
    const colour = known.get(name) ?? style.getPropertyValue(name);
    known.set(name, colour);
    return colour;
  };
}
