import {
  GROUPS,
  PROGRAM_SCOPES,
  type Program,
  RESOURCE_SERVER,
  SCOPES,
  type Scope,
} from "@cloud-design/core/identity/scopes";
import { nameOf } from "@cloud-design/stage/names";
import { settingsOf } from "@cloud-design/stage/settings";
import { Duration } from "aws-cdk-lib";
import {
  AccountRecovery,
  CfnManagedLoginBranding,
  type CfnUserPoolClient,
  CfnUserPoolGroup,
  FeaturePlan,
  LambdaVersion,
  ManagedLoginVersion,
  Mfa,
  OAuthScope,
  ResourceServerScope,
  UserPool,
  UserPoolOperation,
} from "aws-cdk-lib/aws-cognito";
import { type StackContext, use } from "sst/constructs";
import { isLive } from "./constructs/live.ts";
import { removalPolicyOf } from "./constructs/log-group.ts";
import { nodeFunction } from "./constructs/node-function.ts";
import { Site } from "./site.ts";

/** As short as Cognito's users bear: a revoked token passes the authorizer until it ends. */
const ACCESS_TOKEN_MINUTES = 15;

/** Who calls: people through the managed sign-in page (code + PKCE), programs with client credentials. The token's scopes open the routes. */
export function Identity({ stack, app }: StackContext) {
  const { siteUrl } = use(Site);
  const settings = settingsOf(app.stage);
  const userPool = new UserPool(stack, "UserPool", {
    // A demo store invites its people; whoever sells to the public sets this to true.
    selfSignUpEnabled: false,
    signInAliases: { email: true },
    signInCaseSensitive: false,
    accountRecovery: AccountRecovery.EMAIL_ONLY,
    passwordPolicy: {
      minLength: 12,
      requireDigits: true,
      requireLowercase: true,
      requireUppercase: true,
      requireSymbols: true,
      tempPasswordValidity: Duration.days(1),
    },
    // An authenticator app; a text message costs, and a stolen number passes it.
    mfa: Mfa.OPTIONAL,
    mfaSecondFactor: { otp: true, sms: false },
    // The least that can change the scopes of an access token, and managed login: free up to 10,000 users a month.
    featurePlan: FeaturePlan.ESSENTIALS,
    deletionProtection: settings.keepsData,
    removalPolicy: removalPolicyOf(settings),
  });
  const tokenScopes = nodeFunction(stack, "TokenScopes", {
    handler: "packages/functions/src/token-scopes/lambda.handler",
    memorySize: 256, // no library and no network: the least at which Node starts quickly
    timeout: 5, // all that Cognito waits
    settings,
    isLive: isLive(app, "token-scopes"),
  });
  userPool.addTrigger(UserPoolOperation.PRE_TOKEN_GENERATION_CONFIG, tokenScopes, LambdaVersion.V2_0);
  for (const groupName of GROUPS)
    new CfnUserPoolGroup(stack, `Group-${groupName}`, { userPoolId: userPool.userPoolId, groupName });

  const domain = userPool.addDomain("Domain", {
    // Unique in a region over all accounts, hence the account's number.
    cognitoDomain: { domainPrefix: nameOf(stack, app.account) },
    managedLoginVersion: ManagedLoginVersion.NEWER_MANAGED_LOGIN,
  });
  const { webClient, machineClient, probeClient, smokeClient, seedClient } = createClients(userPool, {
    siteUrl,
    corsOrigins: settings.corsOrigins,
  });
  new CfnManagedLoginBranding(stack, "Branding", {
    userPoolId: userPool.userPoolId,
    clientId: webClient.userPoolClientId,
    useCognitoProvidedValues: true,
  });

  const tokenUrl = `${domain.baseUrl()}/oauth2/token`;
  const secret = `aws cognito-idp describe-user-pool-client --region ${app.region} --user-pool-id ${userPool.userPoolId} --client-id ${machineClient.userPoolClientId} --query UserPoolClient.ClientSecret --output text`;
  stack.addOutputs({
    UserPoolId: userPool.userPoolId,
    WebClientId: webClient.userPoolClientId,
    MachineClientId: machineClient.userPoolClientId,
    SmokeClientId: smokeClient.userPoolClientId,
    SeedClientId: seedClient.userPoolClientId,
    SignInUrl: domain.baseUrl(),
    // By its configuration, which comes from the shell itself: `ps` shows the arguments of every program.
    TokenCommand: `printf 'user = "%s:%s"' ${machineClient.userPoolClientId} "$(${secret})" | curl -s -K - -d grant_type=client_credentials ${tokenUrl}`,
  });
  const clients = [webClient, machineClient, probeClient, smokeClient, seedClient];
  return {
    userPool,
    clients,
    probeClient,
    tokenUrl,
    tokenScopes,
    // What a service needs to check a token.
    verification: {
      COGNITO_USER_POOL_ID: userPool.userPoolId,
      COGNITO_CLIENT_IDS: clients.map(({ userPoolClientId }) => userPoolClientId).join(","),
    },
  };
}

function createClients(
  userPool: UserPool,
  { siteUrl, corsOrigins }: { siteUrl: string; corsOrigins: readonly string[] },
) {
  const scopes = Object.fromEntries(
    SCOPES.map((name) => [name, new ResourceServerScope({ scopeName: name, scopeDescription: name })]),
  ) as Record<Scope, ResourceServerScope>;
  const server = userPool.addResourceServer("Api", {
    identifier: RESOURCE_SERVER,
    scopes: Object.values(scopes),
  });
  const oauthScopesOf = (names: readonly Scope[]) =>
    names.map((name) => OAuthScope.resourceServer(server, scopes[name]));
  const pages = [siteUrl, ...corsOrigins].map((origin) => `${origin}/`);

  const webClient = userPool.addClient("Web", {
    generateSecret: false, // a browser keeps none; PKCE stands in
    preventUserExistenceErrors: true,
    enableTokenRevocation: true,
    accessTokenValidity: Duration.minutes(ACCESS_TOKEN_MINUTES),
    idTokenValidity: Duration.minutes(ACCESS_TOKEN_MINUTES),
    refreshTokenValidity: Duration.days(1),
    oAuth: {
      flows: { authorizationCodeGrant: true },
      // All scopes: the trigger takes `movies.admin` from everybody outside the group.
      scopes: [OAuthScope.OPENID, OAuthScope.EMAIL, OAuthScope.PROFILE, ...oauthScopesOf(SCOPES)],
      callbackUrls: pages,
      logoutUrls: pages,
    },
  });
  const web = webClient.node.defaultChild as CfnUserPoolClient;
  // No password or SRP flow: their tokens never carry the API's scopes. Rotation forbids the flow REFRESH_TOKEN_AUTH, an empty list would
  // allow all, and this one does nothing without a trigger of its own, which the pool does not have.
  web.explicitAuthFlows = ["ALLOW_CUSTOM_AUTH"];
  // A stolen refresh token is found out when its second user comes; the seconds are for an answer that was lost on its way.
  web.refreshTokenRotation = { feature: "ENABLED", retryGracePeriodSeconds: 10 };

  return { webClient, ...createPrograms(userPool, oauthScopesOf) };
}

/** How long a program's token lasts. Each costs $0.00225, and whoever holds the secret can get the next one anyway. */
const LIFETIMES: Record<Capitalize<Program>, Duration> = {
  Machine: Duration.hours(1),
  // The longest there is: what it opens is only reading, of films and of its own orders, and a token an hour would cost $1.60 a month.
  Probe: Duration.days(1),
  Smoke: Duration.hours(1),
  Seed: Duration.hours(1),
};

/** A client each costs nothing: Cognito bills tokens alone. */
function createPrograms(userPool: UserPool, oauthScopesOf: (names: readonly Scope[]) => OAuthScope[]) {
  const create = (program: Program) => {
    const id = `${program.charAt(0).toUpperCase()}${program.slice(1)}` as Capitalize<Program>;
    const client = userPool.addClient(id, {
      generateSecret: true,
      enableTokenRevocation: true,
      accessTokenValidity: LIFETIMES[id],
      oAuth: {
        flows: { clientCredentials: true },
        scopes: oauthScopesOf(PROGRAM_SCOPES[program]),
      },
    });
    (client.node.defaultChild as CfnUserPoolClient).explicitAuthFlows = ["ALLOW_REFRESH_TOKEN_AUTH"];
    return client;
  };
  return {
    machineClient: create("machine"),
    probeClient: create("probe"),
    smokeClient: create("smoke"),
    seedClient: create("seed"),
  };
}
