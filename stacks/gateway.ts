import { spelledOut } from "@cloud-design/core/identity/scopes";
import type { GatewayEnvironment } from "@cloud-design/functions/gateway/env";
import { apiGatewayRoutes, ORDER_ROUTE, PUBLIC } from "@cloud-design/functions/gateway/routes";
import { classOf, THROTTLES } from "@cloud-design/functions/gateway/throttles";
import { reservedConcurrency } from "@cloud-design/stage/concurrency";
import { metricsNamespace, nameOf } from "@cloud-design/stage/names";
import { stageSettings } from "@cloud-design/stage/preset";
import { hereOf, TUNNEL_PORTS } from "@cloud-design/stage/tunnel-ends";
import { AccessLogFormat } from "aws-cdk-lib/aws-apigateway";
import {
  ApiMapping,
  type CfnStage,
  type HttpApi,
  HttpAuthorizer,
  HttpAuthorizerType,
  type HttpMethod,
  HttpRoute,
  HttpRouteKey,
  HttpStage,
  LogGroupLogDestination,
} from "aws-cdk-lib/aws-apigatewayv2";
import { HttpLambdaIntegration } from "aws-cdk-lib/aws-apigatewayv2-integrations";
import { type Alarm, MathExpression, Metric, Stats } from "aws-cdk-lib/aws-cloudwatch";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { LogGroup } from "aws-cdk-lib/aws-logs";
import { Secret } from "aws-cdk-lib/aws-secretsmanager";
import { dependsOn, type Stack, type StackContext, use } from "sst/constructs";
import { Api } from "./api.ts";
import { Billing } from "./billing.ts";
import { Cluster } from "./cluster.ts";
import { replicasOf } from "./constructs/copies.ts";
import { isLive } from "./constructs/live.ts";
import { logGroup } from "./constructs/log-group.ts";
import { nodeFunction } from "./constructs/node-function.ts";
import { rolledOut } from "./constructs/rollout.ts";
import { Identity } from "./identity.ts";
import { Inventory } from "./inventory.ts";
import { Network } from "./network.ts";
import { Orders } from "./orders.ts";
import { Site } from "./site.ts";
import { createAlarm } from "./watch/alarm.ts";
import { ACCEPTANCE, SERVER_ERROR } from "./watch/answers.ts";
import { ANSWERS } from "./watch/burn-rate.ts";
import { countOf } from "./watch/log-metric.ts";
import { MINUTE, serverErrorPercent } from "./watch/metrics.ts";

/** In seconds: the longest that a caller waits (R6); API Gateway itself would wait for 30. */
const TIMEOUT_SECONDS = 10;

/**
 * The two Lambda functions behind the API, one for new orders and one for everything else, and the routes, each with its scope and its throttle.
 * Both functions run the same code: with one pool for all routes, reads that wait for a frozen inventory would take the place of orders.
 */
export function Gateway({ stack, app }: StackContext) {
  // The gateway refers only to the balancer, so CloudFormation would not know that both services must be up first.
  for (const service of [Inventory, Billing]) dependsOn(service);
  const { httpApi, door } = use(Api);
  const accessLogs = createAccessLogs(stack);
  const { gateway, orderGateway } = createFunctions(stack, isLive(app, "gateway"));
  // One permission for the whole API: one for each route would fill half of the 20 KB of a function's policy.
  const once = { scopePermissionToRoute: false };
  const live = rolledOut(stack, gateway, createRolloutAlarm(stack, httpApi));
  const integration = new HttpLambdaIntegration("Integration", live, once);
  const liveOrders = rolledOut(stack, orderGateway, createOrderRolloutAlarm(stack, accessLogs), "Order");
  const orderIntegration = new HttpLambdaIntegration("Integration", liveOrders, once);
  const authorizer = createAuthorizer(stack, httpApi);
  const routes = apiGatewayRoutes().map(({ key, access }) => {
    const [method = "", path = ""] = key.split(" ");
    return new HttpRoute(stack, key, {
      httpApi,
      routeKey: HttpRouteKey.with(path, method as HttpMethod),
      integration: key === ORDER_ROUTE ? orderIntegration : integration,
      ...(access !== PUBLIC && { authorizer, authorizationScopes: [spelledOut(access)] }),
    });
  });
  // In a stage of before 0.6 the gateway may send orders until their route has moved.
  gateway.role?.node.findChild("DefaultPolicy").node.addDependency(stack.node.findChild(ORDER_ROUTE));
  const stage = createStage(stack, httpApi, accessLogs);
  stage.node.addDependency(...routes); // the stage's settings name the routes
  if (door) new ApiMapping(stack, "DoorMapping", { api: httpApi, domainName: door, stage });
  return { gateway, orderGateway, accessLogs };
}

function createFunctions(stack: Stack, isOnLaptop: boolean) {
  const settings = stageSettings(stack.stage);
  const reserved = reservedConcurrency(stack.stage);
  const { vpc, groups } = use(Network);
  const { siteUrl, originSecret } = use(Site);
  const { queues, queueUrls } = use(Orders);
  const orderIdSecret = new Secret(stack, "OrderIdSecret", {
    description: "Signs order ids: another value turns every order id issued so far into a 404",
    generateSecretString: { excludePunctuation: true, passwordLength: 64 },
    replicaRegions: replicasOf(stack, settings),
  });
  const [inventoryUrl, billingUrl] = [use(Inventory).url, use(Billing).url];
  const common = {
    handler: "packages/functions/src/gateway/lambda.handler",
    memorySize: 512, // about a third of a core: half the cold start of 256, and the same cost for the same work
    timeout: TIMEOUT_SECONDS,
    isTraced: true,
    settings,
    isLive: isOnLaptop,
    environment: {
      // On a laptop the gateway reaches the balancer through a local tunnel.
      INVENTORY_URL: isOnLaptop ? hereOf(inventoryUrl, TUNNEL_PORTS.inventory) : inventoryUrl,
      BILLING_URL: isOnLaptop ? hereOf(billingUrl, TUNNEL_PORTS.billing) : billingUrl,
      BALANCER_AUTHORITY: use(Cluster).certificate.authority(stack),
      ORDERS_QUEUE_URLS: queueUrls,
      ORDER_ID_SECRET_ARN: orderIdSecret.secretArn,
      ORIGIN_SECRET_ARN: originSecret.secretArn,
      SITE_URL: siteUrl,
    } satisfies GatewayEnvironment,
  };
  const gateway = nodeFunction(stack, "Gateway", {
    ...common,
    network: { vpc, group: groups.gateway },
    reservedConcurrentExecutions: reserved.gateway,
  });
  // It calls only AWS, so it stands outside the network: no order depends on a NAT gateway or on a free address.
  const orderGateway = nodeFunction(stack, "OrderGateway", {
    ...common,
    reservedConcurrentExecutions: reserved.orderGateway,
  });
  for (const handler of [gateway, orderGateway]) {
    for (const secret of [orderIdSecret, originSecret]) secret.grantRead(handler);
  }
  const resources = Object.values(queues).map(({ queueArn }) => queueArn);
  const onQueues = (action: string) => new PolicyStatement({ actions: [`sqs:${action}`], resources });
  // The status says how many orders wait.
  gateway.addToRolePolicy(onQueues("GetQueueAttributes"));
  orderGateway.addToRolePolicy(onQueues("SendMessage"));
  return { gateway, orderGateway };
}

/** Also counts 5xx answers that the function itself returns, which Lambda's metric of errors does not see. */
function createRolloutAlarm(stack: Stack, httpApi: HttpApi): Alarm[] {
  return createAlarm(stack, "api-errors-sudden", {
    metric: serverErrorPercent(httpApi, MINUTE, 3),
    threshold: 2,
    periods: 3,
    because:
      "One in fifty callers has got a 5xx for three minutes: one in five of those who try a new version. A failover of the database is over sooner. While the gateway is being deployed, the version before comes back by itself.",
  });
}

/** Orders are counted alone: where one request in six is an order, a tenth of the orders is less than 2 % of all requests. A version does not cause a 429. */
function createOrderRolloutAlarm(stack: Stack, accessLogs: LogGroup): Alarm[] {
  const sum = { namespace: metricsNamespace(stack), statistic: Stats.SUM };
  const failed = countOf(stack, "OrderErrors", accessLogs, [ACCEPTANCE, SERVER_ERROR]);
  return createAlarm(stack, "order-errors-sudden", {
    metric: new MathExpression({
      // The metric has no data while nothing fails.
      expression: "IF(FILL(failed, 0) >= 3, 100 * failed / orders, 0)",
      usingMetrics: {
        orders: new Metric({ ...sum, metricName: ANSWERS.acceptance.all }),
        failed: failed.metric({ statistic: Stats.SUM }),
      },
      period: MINUTE,
      label: "Orders answered with a 5xx, %",
    }),
    threshold: 2,
    periods: 3,
    because:
      "One in fifty orders has got a 5xx for three minutes: one in five of those that a new version handles. While the order gateway is being deployed, the version before comes back by itself.",
  });
}

/** The L1 construct: the L2 for user pools would put the authorizer into the API's stack, which comes before the pool's. */
function createAuthorizer(stack: Stack, httpApi: HttpApi) {
  const { userPool, clients } = use(Identity);
  const { authorizerId } = new HttpAuthorizer(stack, "Tokens", {
    httpApi,
    type: HttpAuthorizerType.JWT,
    identitySource: ["$request.header.Authorization"],
    jwtIssuer: userPool.userPoolProviderUrl,
    jwtAudience: clients.map(({ userPoolClientId }) => userPoolClientId),
  });
  return HttpAuthorizer.fromHttpAuthorizerAttributes(stack, "TokensOfRoutes", {
    authorizerId,
    authorizerType: "JWT",
  });
}

/** Figures by route come from a query on this log: CloudWatch's own metrics by route would cost up to $43 a month. */
function createAccessLogs(stack: Stack): LogGroup {
  // Under this prefix CloudWatch needs no further resource policy; an account may have ten.
  const name = `/aws/vendedlogs/${nameOf(stack, "api")}`;
  return logGroup(stack, "AccessLogs", stageSettings(stack.stage), name);
}

function createStage(stack: Stack, httpApi: HttpApi, logs: LogGroup): HttpStage {
  const field = (name: string) => `$context.${name}`;
  const stage = new HttpStage(stack, "Stage", {
    httpApi,
    autoDeploy: true,
    accessLogSettings: {
      destination: new LogGroupLogDestination(logs),
      format: AccessLogFormat.custom(
        JSON.stringify({
          time: field("requestTime"),
          requestId: field("requestId"),
          ip: field("identity.sourceIp"),
          route: field("routeKey"),
          path: field("path"),
          status: field("status"),
          latencyMs: field("responseLatency"),
          integrationLatencyMs: field("integrationLatency"),
          authorizerError: field("authorizer.error"),
          integrationError: field("integrationErrorMessage"),
          responseBytes: field("responseLength"),
        }),
      ),
    },
  });
  (stage.node.defaultChild as CfnStage).routeSettings = Object.fromEntries(
    apiGatewayRoutes().map((route) => {
      const { rate, burst } = THROTTLES[classOf(route)];
      return [route.key, { ThrottlingRateLimit: rate, ThrottlingBurstLimit: burst }];
    }),
  );
  return stage;
}
