/** What the shop's visitors do, for `ddx run`: requests per second, and paths with their share. */
export const ratePerS = 80;

export const paths = [
  '18*/products?page=[1-160]',
  '20*/products/[1-4000]',
  '14*/products/[1-4000]/photo',
  '2*/products/[1-4000]/thumbnail?width=[80-240]',
  '1.2*/search?q=wolen+jaket',
  '6*/pages/shipping',
  '6*POST /cart {"product":7,"quantity":2}',
  '8*POST /checkout {"items":[{"product":7,"quantity":1},{"product":1312,"quantity":2}],"country":"DE","vat":"DE811569869"}',
  '1*POST /login {"name":"ada","password":"correct horse"}',
  '1*POST /vouchers {"count":32}',
];
