import { useEffect, useState } from 'react';

/** The time now, anew so often while `ticks`. */
export function useNow(ticks: boolean, everyMs = 1_000): number {
  const [nowMs, setNowMs] = useState(() => Date.now());
  useEffect(() => {
    if (!ticks) return;
    setNowMs(Date.now());
    const timer = setInterval(() => setNowMs(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [ticks, everyMs]);
  return nowMs;
}
