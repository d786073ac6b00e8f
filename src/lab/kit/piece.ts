import type { App, Route, SourceModule } from '../scenario.js';

/** What one cause adds to an otherwise ordinary server. */
export interface Piece extends Partial<Pick<App, 'boot' | 'files' | 'nodeArgs' | 'env' | 'companions' | 'quotaCores'>> {
  modules: SourceModule[];
  routes: Route[];
}
