/** Of the site, where the probe writes the status. */
export const BUCKET = "site";
