import type { Load, Scenario } from '../scenario.js';
import type { Draw } from './draw.js';
import { drawFolder, ordinaryApp } from './ordinary.js';
import type { Piece } from './piece.js';

type Make = (draw: Draw, folder: string) => Piece;

/** A member of the healthy zoo: it looks ill in one way or another (`looks`), and every rule must stay silent. */
export function healthy(name: string, title: string, looks: Record<string, Make>, load: (draw: Draw) => Load): Scenario {
  return {
    id: `healthy/${name}`,
    rule: null,
    title,
    needs: [],
    causes: Object.keys(looks),
    build(draw) {
      const folder = drawFolder(draw);
      const piece = draw.inTurn(Object.values(looks))(draw, folder);
      return ordinaryApp(draw, folder, piece, load(draw));
    },
  };
}
