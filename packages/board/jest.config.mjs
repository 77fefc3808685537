import { pkg } from '../../jest.base.mjs';

export default pkg(import.meta.url);
