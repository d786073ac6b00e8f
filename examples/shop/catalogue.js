/** The goods: 4,000 products made up from a seed, the same at every start. */
const SIZE = 4000;

const LOOKS = ['woollen', 'oak', 'brass', 'linen', 'enamel', 'walnut', 'cotton', 'copper', 'leather', 'marble', 'bamboo', 'ceramic'];
const THINGS = ['lamp', 'kettle', 'jacket', 'chair', 'blanket', 'notebook', 'teapot', 'basket', 'mirror', 'cushion', 'ladle', 'clock'];
const PLACES = ['Porto', 'Ghent', 'Turku', 'Lviv', 'Graz', 'Cork', 'Split', 'Tartu', 'Basel', 'Malmö', 'Delft', 'Gdansk'];
const WORDS =
  'made by hand in small numbers from what grows or is found nearby finished with oil and wax so that it ages well instead of wearing out each piece differs a little from the next and can be repaired with simple tools'.split(
    ' ',
  );

export const products = Array.from({ length: SIZE }, (_, i) => makeProduct(i + 1));

export function findProduct(id) {
  return products[id - 1];
}

/** `page` counts from 1. */
export function listProducts(page, perPage = 24) {
  const first = (page - 1) * perPage;
  return products.slice(first, first + perPage).map(({ id, name, price }) => ({ id, name, price }));
}

export function wordsOf({ name, description }) {
  return `${name} ${description}`.toLowerCase().split(/\W+/);
}

function makeProduct(id) {
  const pick = (list, salt) => list[(id * salt + Math.floor((id * salt) / 97)) % list.length];
  const name = `${pick(LOOKS, 7)} ${pick(THINGS, 5)} from ${pick(PLACES, 11)}`;
  const description = Array.from({ length: 32 }, (_, i) => pick(WORDS, i + 3)).join(' ');
  return { id, name, description, price: 900 + ((id * 7919) % 24_000), photo: `${(id % 4) + 1}.png` };
}
