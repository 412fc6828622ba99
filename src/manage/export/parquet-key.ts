/** The key in the metadata of a Parquet file that says which version of comex exported it. */
export const PARQUET_KEY = 'comex.export';
