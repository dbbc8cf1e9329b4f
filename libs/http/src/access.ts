import type { Demand } from '@flow/auth';

/** Who may come: holders of a permission, of any valid token ('token'), or everybody ('public'). */
export type Access = Demand | 'public';

/** Which of the two listeners answers. */
export type ServerName = 'public' | 'private';
export const SERVER_NAMES: readonly ServerName[] = ['public', 'private'];

/** 'both' is for probes and for what each server has of its own kind. */
export type ServedBy = ServerName | 'both';

/** What stands before every route of both APIs; probes are reachable without it too. */
export const API_PREFIX = '/api/automation/v1';
