/** The repository of CDK's bootstrap, which holds the images of every stage of an account and region. */
export function imageRepositoryOf({ account, region }: { account: string; region: string }): string {
  return `cdk-hnb659fds-container-assets-${account}-${region}`;
}
