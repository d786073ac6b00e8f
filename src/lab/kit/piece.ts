import type { App, Route, SourceModule } from '../scenario.js';

/** What one cause adds to an otherwise ordinary server. */
export interface Piece
  extends Partial<Pick<App, 'boot' | 'backlog' | 'serverLines' | 'files' | 'nodeArgs' | 'env' | 'companions' | 'services' | 'quotaCores'>> {
  modules: SourceModule[];
  routes: Route[];
}

/** A piece of one module and one GET route. */
export function getRoute(file: string, source: string, route: Omit<Route, 'method' | 'module'>): Piece {
  return { modules: [{ file, source }], routes: [{ ...route, method: 'GET', module: file }] };
}

/** The path with different numbers for ":id". */
export function withIds(path: string, ids: readonly number[]): string[] {
  return ids.map((id) => path.replace(':id', String(id)));
}
