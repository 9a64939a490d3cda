// Written by `npm run contract`.

export interface paths {
    "/api/movies": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List movies, or find them by title
         * @description The newest or the most often ordered first, 1,000 at most, and fewer when they are large. `Link` leads to the next page; it is absent on the last.
         */
        get: operations["listMovies"];
        put?: never;
        /**
         * Create a movie
         * @description Unknown fields are refused, because they may be misspelt.
         */
        post: operations["createMovie"];
        /**
         * Delete all movies
         * @description Only for administrators; a machine is never one.
         */
        delete: operations["deleteMovies"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/movies/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a movie */
        get: operations["getMovie"];
        /** Replace a movie */
        put: operations["replaceMovie"];
        post?: never;
        /** Delete a movie */
        delete: operations["deleteMovie"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/imports": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Announce a file of movies
         * @description The answer has a form for exactly this file: send it to S3 with the file as its last field, `file`. Nothing of the file passes the API. `Location` then tells how far the import is.
         */
        post: operations["createImport"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/imports/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * See how far an import is
         * @description Another caller's import looks the same as one that does not exist.
         */
        get: operations["getImport"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/billing": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Place an order
         * @description Answered once the order can no longer be lost. `Location` then tells its outcome. Unknown fields are refused.
         */
        post: operations["placeOrder"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/billing/orders/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * See the outcome of an order
         * @description Another caller's order looks the same as one that does not exist.
         */
        get: operations["getOrder"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/webhooks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List one's own webhooks
         * @description The oldest first.
         */
        get: operations["listWebhooks"];
        put?: never;
        /**
         * Be told of one's own orders
         * @description From then on each event of the caller's orders is posted to the address, signed as in Standard Webhooks. A caller has ten webhooks at most. The answer alone has the secret: if it is lost, delete the webhook and create another.
         */
        post: operations["createWebhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/webhooks/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read a webhook
         * @description Another caller's webhook looks the same as one that does not exist.
         */
        get: operations["getWebhook"];
        put?: never;
        post?: never;
        /**
         * Delete a webhook
         * @description Deliveries that wait for another attempt are dropped. One under way may still arrive.
         */
        delete: operations["deleteWebhook"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** See the state of each component */
        get: operations["getStatus"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** See whether the gateway runs */
        get: operations["getLive"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/ready": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** See whether the gateway can serve */
        get: operations["getReady"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export interface webhooks {
    "order.recorded": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * An order of the caller was recorded
         * @description At least once. Verify the signature before you read the body, and ignore an id that you have seen.
         */
        post: operations["order.recorded"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "order.rejected": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * An order of the caller was rejected
         * @description At least once. Verify the signature before you read the body, and ignore an id that you have seen.
         */
        post: operations["order.rejected"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export interface components {
    schemas: {
        FieldError: {
            /** @description A JSON Pointer (RFC 6901) to the field, empty for the whole body; a query parameter or header by its name. */
            field: string;
            detail: string;
        };
        ImportBody: {
            /**
             * @description `csv`: RFC 4180, with a first line that names the columns `title` and `description`. `ndjson`: one JSON object a line.
             * @enum {string}
             */
            format: "csv" | "ndjson";
            /** @description Exact size of the file, at most 25 MiB. */
            bytes: number;
            /** @description SHA-256 of the file in hexadecimal, as `sha256sum` prints it. */
            sha256: string;
        };
        ImportUpload: {
            /**
             * Format: uri
             * @description Send a POST with multipart/form-data here.
             */
            url: string;
            /** @description The fields of the form. The file comes after them, as the field `file`. */
            fields: {
                [key: string]: string;
            };
            /** @description How long S3 takes the form. */
            valid_seconds: number;
        };
        Movie: {
            id: number;
            title: string;
            description: string;
        };
        MovieBody: {
            /** @description Not blank, without NUL. */
            title: string;
            /** @description May be empty. */
            description: string;
        };
        OrderBody: {
            user_id: number | string;
            number_of_items: number | string;
            /** @description At most two decimals, as a string or as a number; a string is safer, because no float comes near it. */
            total_amount: number | string;
            /** @description The movie that was ordered; it counts for `sort=popular`. */
            movie_id?: number | string;
        };
        /** @description It proves by itself that it was issued, and to whom. */
        OrderId: string;
        OrderRecorded: {
            id: components["schemas"]["OrderId"];
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            status: "recorded";
            user_id: number;
            number_of_items: number;
            /** @description Always two decimals. */
            total_amount: string;
            movie_id?: number;
            /** @description Null when it did not come through the API. */
            accepted_at: string | null;
            /** Format: date-time */
            recorded_at: string;
        };
        OrderRecordedDelivery: {
            /** @constant */
            type: "order.recorded";
            /**
             * Format: date-time
             * @description When billing recorded or rejected the order.
             */
            timestamp: string;
            data: {
                /** @description The order's id. */
                id: string;
                /** @description Absent once the person is erased. */
                user_id?: number;
                number_of_items: number;
                /** @description Always two decimals. */
                total_amount: string;
                movie_id?: number;
            };
        };
        OrderRejected: {
            id: components["schemas"]["OrderId"];
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            status: "rejected";
            /** @description One sentence for the person who placed the order. */
            reason: string;
            /** Format: date-time */
            rejected_at: string;
        };
        OrderRejectedDelivery: {
            /** @constant */
            type: "order.rejected";
            /**
             * Format: date-time
             * @description When billing recorded or rejected the order.
             */
            timestamp: string;
            data: {
                /** @description The order's id. */
                id: string;
                /** @description One sentence for the person who placed the order. */
                reason: string;
            };
        };
        Webhook: {
            id: string;
            url: string;
            /** @description The types of events to be told of. */
            events: ("order.recorded" | "order.rejected")[];
            /** Format: date-time */
            created_at: string;
        };
        WebhookBody: {
            /** @description `https`, without user name, password and fragment, to a public address: a name or an IPv4 address. */
            url: string;
            /** @description The types of events to be told of. */
            events: ("order.recorded" | "order.rejected")[];
        };
        AwsMessage: {
            message: string;
        };
        Deleted: {
            /** @description How many there were. */
            deleted: number;
        };
        ImportAccepted: {
            id: string;
            /** @enum {string} */
            state: "awaiting_upload" | "queued" | "running" | "done" | "failed";
            /**
             * @description Present when the import has failed.
             * @enum {string}
             */
            reason?: "payload_gone" | "checksum_mismatch" | "bad_header" | "too_many_rows" | "never_uploaded" | "stalled";
            /** @enum {string} */
            format: "csv" | "ndjson";
            bytes: number;
            rows: {
                /** @description Rows to load; absent until the file is read to its end. */
                total?: number;
                /** @description Rows that are loaded. */
                done: number;
                /** @description Loaded rows that are new movies; an earlier import had the others. */
                added: number;
                /** @description Rows that are refused; the report says why. */
                bad?: number;
                /** @description Rows that repeat an earlier row of the file. */
                duplicates?: number;
            };
            /** Format: date-time */
            created_at: string;
            upload: components["schemas"]["ImportUpload"];
        };
        ImportSeen: {
            id: string;
            /** @enum {string} */
            state: "awaiting_upload" | "queued" | "running" | "done" | "failed";
            /**
             * @description Present when the import has failed.
             * @enum {string}
             */
            reason?: "payload_gone" | "checksum_mismatch" | "bad_header" | "too_many_rows" | "never_uploaded" | "stalled";
            /** @enum {string} */
            format: "csv" | "ndjson";
            bytes: number;
            rows: {
                /** @description Rows to load; absent until the file is read to its end. */
                total?: number;
                /** @description Rows that are loaded. */
                done: number;
                /** @description Loaded rows that are new movies; an earlier import had the others. */
                added: number;
                /** @description Rows that are refused; the report says why. */
                bad?: number;
                /** @description Rows that repeat an earlier row of the file. */
                duplicates?: number;
            };
            /** Format: date-time */
            created_at: string;
            /**
             * Format: uri
             * @description The address of the report, for five minutes: NDJSON with line and reason of each refused row.
             */
            report?: string;
        };
        Live: {
            /** @constant */
            status: "live";
        };
        Movies: components["schemas"]["Movie"][];
        OrderAccepted: {
            id: components["schemas"]["OrderId"];
            /** @constant */
            status: "accepted";
            user_id: number;
            number_of_items: number;
            /** @description Always two decimals. */
            total_amount: string;
            movie_id?: number;
        };
        OrderOutcome: components["schemas"]["OrderRecorded"] | components["schemas"]["OrderRejected"];
        OrderWaiting: {
            id: components["schemas"]["OrderId"];
            /** @constant */
            status: "accepted";
        };
        PlatformStatus: {
            /**
             * @description Down means that movies cannot be read and orders cannot be placed.
             * @enum {string}
             */
            status: "up" | "degraded" | "down";
            /** Format: date-time */
            checked_at: string;
            components: {
                name: string;
                /** @enum {string} */
                status: "up" | "degraded" | "down";
                latency_ms: number;
                /** @description Orders that wait in the queues. */
                waiting?: number;
                /** @description The same by lane: premium customers have the lane `priority`. */
                lanes?: {
                    [key: string]: number;
                };
            }[];
        };
        Problem: {
            /**
             * Format: uri
             * @description The address of a page that says what to do.
             */
            type: string;
            title: string;
            status: number;
            /** @description What is wrong with this request. */
            detail: string;
            errors?: components["schemas"]["FieldError"][];
        };
        Ready: {
            /** @constant */
            status: "ready";
        };
        WebhookCreated: {
            id: string;
            url: string;
            /** @description The types of events to be told of. */
            events: ("order.recorded" | "order.rejected")[];
            /** Format: date-time */
            created_at: string;
            /** @description It verifies the signatures of deliveries. No later answer has it. */
            secret: string;
        };
        Webhooks: components["schemas"]["Webhook"][];
    };
    responses: {
        /** @description Method not allowed (`method-not-allowed`). */
        MethodNotAllowed: {
            headers: {
                /** @description The methods of this path. */
                Allow: string;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    type: string;
                    /** @constant */
                    status: 405;
                };
            };
        };
        /** @description What is allowed. */
        Options: {
            headers: {
                /** @description The methods of this path. */
                Allow: string;
                [name: string]: unknown;
            };
            content?: never;
        };
        /** @description Invalid request (`invalid-request`). */
        InvalidRequest: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    type: string;
                    /** @constant */
                    status: 400;
                };
            };
        };
        /** @description Not authenticated (`unauthenticated`). */
        Unauthenticated: {
            headers: {
                /** @description RFC 6750; with `error="invalid_token"` when a token was sent, and `error_description` when it has expired. */
                "WWW-Authenticate": string;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    type: string;
                    /** @constant */
                    status: 401;
                };
                "application/json": components["schemas"]["AwsMessage"];
            };
        };
        /** @description Insufficient scope (`insufficient-scope`). Direct access refused (`direct-access`). Blocked by the firewall (`request-blocked`). */
        InsufficientScopeOrDirectAccess: {
            headers: {
                /** @description RFC 6750; names the scope that is missing. */
                "WWW-Authenticate"?: string;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    type: string;
                    /** @constant */
                    status: 403;
                };
                "application/json": {
                    message: string;
                    /**
                     * Format: uri-reference
                     * @description The path of a page that says what to do.
                     */
                    type?: string;
                    title?: string;
                    status?: number;
                    /** @description What is wrong with this request. */
                    detail?: string;
                    errors?: components["schemas"]["FieldError"][];
                };
            };
        };
        /** @description API Gateway limits how many requests a second a route takes. Too many requests (`too-many-requests`). Try again, later each time. */
        TooManyRequests: {
            headers: {
                /** @description Seconds; absent where API Gateway itself answers. */
                "Retry-After"?: number;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    type: string;
                    /** @constant */
                    status: 429;
                };
                "application/json": {
                    message: string;
                    /**
                     * Format: uri-reference
                     * @description The path of a page that says what to do.
                     */
                    type?: string;
                    title?: string;
                    status?: number;
                    /** @description What is wrong with this request. */
                    detail?: string;
                    errors?: components["schemas"]["FieldError"][];
                };
            };
        };
        /** @description Headers too large (`headers-too-large`). */
        HeadersTooLarge: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    type: string;
                    /** @constant */
                    status: 431;
                };
            };
        };
        /** @description Internal error (`internal`). */
        Internal: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    type: string;
                    /** @constant */
                    status: 500;
                };
                "application/json": components["schemas"]["AwsMessage"];
            };
        };
        /** @description Unavailable (`unavailable`). */
        Unavailable: {
            headers: {
                /** @description Seconds, random within bounds; absent where API Gateway itself answers. */
                "Retry-After"?: number;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    type: string;
                    /** @constant */
                    status: 503;
                };
                "application/json": components["schemas"]["AwsMessage"];
            };
        };
        /** @description Invalid request (`invalid-request`). Malformed JSON (`malformed-json`). */
        InvalidRequestOrMalformedJson: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    type: string;
                    /** @constant */
                    status: 400;
                };
            };
        };
        /** @description Body too large (`payload-too-large`). */
        PayloadTooLarge: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    type: string;
                    /** @constant */
                    status: 413;
                };
                "application/json": components["schemas"]["AwsMessage"];
            };
        };
        /** @description Unsupported media type (`unsupported-media-type`). */
        UnsupportedMediaType: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    type: string;
                    /** @constant */
                    status: 415;
                };
            };
        };
        /** @description Idempotency key already used (`key-reused`). */
        KeyReused: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    type: string;
                    /** @constant */
                    status: 422;
                };
            };
        };
        /** @description Not found (`not-found`). */
        NotFound: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    type: string;
                    /** @constant */
                    status: 404;
                };
            };
        };
        /** @description Direct access refused (`direct-access`). Blocked by the firewall (`request-blocked`). */
        DirectAccess: {
            headers: {
                /** @description RFC 6750; names the scope that is missing. */
                "WWW-Authenticate"?: string;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    type: string;
                    /** @constant */
                    status: 403;
                };
                "application/json": {
                    message: string;
                    /**
                     * Format: uri-reference
                     * @description The path of a page that says what to do.
                     */
                    type?: string;
                    title?: string;
                    status?: number;
                    /** @description What is wrong with this request. */
                    detail?: string;
                    errors?: components["schemas"]["FieldError"][];
                };
            };
        };
        /** @description The function behind this path does not answer. */
        ServiceUnavailable: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["AwsMessage"];
            };
        };
    };
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    listMovies: {
        parameters: {
            query?: {
                /**
                 * @description Part of the title, in any case.
                 * @example playtime
                 */
                title?: string;
                /**
                 * @description `newest` by default. `popular`: by how many recorded orders named the movie as `movie_id`; a movie that is ordered between two pages may be on both, or on neither.
                 * @example newest
                 */
                sort?: "newest" | "popular";
                /**
                 * @description The maximum number; 1,000 by default.
                 * @example 20
                 */
                limit?: number;
                /** @description Opaque; it comes from `Link`, and belongs to its `sort`. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The movies. */
            200: {
                headers: {
                    /** @description RFC 8288: `</api/movies?cursor=...>; rel="next"`, relative to the request. */
                    Link?: string;
                    /** @description The trace of this request, in the form of `traceparent`: `00-TRACE ID-SPAN ID-FLAGS`. */
                    traceresponse?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Movies"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["InsufficientScopeOrDirectAccess"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    createMovie: {
        parameters: {
            query?: never;
            header?: {
                /** @description Bare or quoted. The same key and caller give the same result once, however often it is sent. With another movie it is refused. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MovieBody"];
            };
        };
        responses: {
            /** @description The movie. */
            200: {
                headers: {
                    /** @description Its address, relative to the request. */
                    Location: string;
                    /** @description The trace of this request, in the form of `traceparent`: `00-TRACE ID-SPAN ID-FLAGS`. */
                    traceresponse?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Movie"];
                };
            };
            400: components["responses"]["InvalidRequestOrMalformedJson"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["InsufficientScopeOrDirectAccess"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["KeyReused"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    deleteMovies: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description They are deleted. */
            200: {
                headers: {
                    /** @description The trace of this request, in the form of `traceparent`: `00-TRACE ID-SPAN ID-FLAGS`. */
                    traceresponse?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Deleted"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["InsufficientScopeOrDirectAccess"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getMovie: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The movie's id.
                 * @example 7
                 */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The movie. */
            200: {
                headers: {
                    /** @description The trace of this request, in the form of `traceparent`: `00-TRACE ID-SPAN ID-FLAGS`. */
                    traceresponse?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Movie"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["InsufficientScopeOrDirectAccess"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    replaceMovie: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The movie's id.
                 * @example 7
                 */
                id: number;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MovieBody"];
            };
        };
        responses: {
            /** @description The movie as it is now. */
            200: {
                headers: {
                    /** @description The trace of this request, in the form of `traceparent`: `00-TRACE ID-SPAN ID-FLAGS`. */
                    traceresponse?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Movie"];
                };
            };
            400: components["responses"]["InvalidRequestOrMalformedJson"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["InsufficientScopeOrDirectAccess"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    deleteMovie: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The movie's id.
                 * @example 7
                 */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The movie as it was. */
            200: {
                headers: {
                    /** @description The trace of this request, in the form of `traceparent`: `00-TRACE ID-SPAN ID-FLAGS`. */
                    traceresponse?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Movie"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["InsufficientScopeOrDirectAccess"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    createImport: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ImportBody"];
            };
        };
        responses: {
            /** @description The import waits for its file. */
            202: {
                headers: {
                    /** @description Its address, relative to the request. */
                    Location: string;
                    /** @description The trace of this request, in the form of `traceparent`: `00-TRACE ID-SPAN ID-FLAGS`. */
                    traceresponse?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImportAccepted"];
                };
            };
            400: components["responses"]["InvalidRequestOrMalformedJson"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["InsufficientScopeOrDirectAccess"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getImport: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The import's id.
                 * @example 0b6c9f3e-4d9a-4c1e-9a57-6f0a3c2b1d7e
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The import as it is now. */
            200: {
                headers: {
                    /** @description The trace of this request, in the form of `traceparent`: `00-TRACE ID-SPAN ID-FLAGS`. */
                    traceresponse?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImportSeen"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["InsufficientScopeOrDirectAccess"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    placeOrder: {
        parameters: {
            query?: never;
            header?: {
                /** @description Bare or quoted. The same key and caller give the same result once, however often it is sent. With another order it gives an id that ends as `rejected`. */
                "Idempotency-Key"?: string;
                /** @description RFC 7240: `respond-async` asks for 202 in place of 200. */
                Prefer?: string;
                /** @description W3C Trace Context; it goes with the order into its row. A malformed one is ignored. */
                traceparent?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OrderBody"];
            };
        };
        responses: {
            /** @description SQS has the order: it will be recorded, or rejected with a reason. */
            200: {
                headers: {
                    /** @description Its address, relative to the request. */
                    Location: string;
                    /** @description The trace of this request, in the form of `traceparent`: `00-TRACE ID-SPAN ID-FLAGS`. */
                    traceresponse?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OrderAccepted"];
                };
            };
            /** @description SQS has the order: it will be recorded, or rejected with a reason. */
            202: {
                headers: {
                    /** @description Its address, relative to the request. */
                    Location: string;
                    /** @description Seconds until the outcome may be known. Random within bounds. */
                    "Retry-After": number;
                    /** @description RFC 7240. */
                    "Preference-Applied": "respond-async";
                    /** @description The trace of this request, in the form of `traceparent`: `00-TRACE ID-SPAN ID-FLAGS`. */
                    traceresponse?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OrderAccepted"];
                };
            };
            400: components["responses"]["InvalidRequestOrMalformedJson"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["InsufficientScopeOrDirectAccess"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getOrder: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The order's id.
                 * @example ord_9WtV6uvHFyn4nHx0DZD2Pcmvk8nCyxJVHpd3SpZF
                 */
                id: components["schemas"]["OrderId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is recorded, or rejected with a reason. */
            200: {
                headers: {
                    /** @description The trace of this request, in the form of `traceparent`: `00-TRACE ID-SPAN ID-FLAGS`. */
                    traceresponse?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OrderOutcome"];
                };
            };
            /** @description It is accepted, and billing has not seen it yet. */
            202: {
                headers: {
                    /** @description Seconds until the next attempt is worthwhile: the more, the more orders wait in SQS. Random within bounds, so that callers do not come back together. */
                    "Retry-After": number;
                    /** @description The trace of this request, in the form of `traceparent`: `00-TRACE ID-SPAN ID-FLAGS`. */
                    traceresponse?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OrderWaiting"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["InsufficientScopeOrDirectAccess"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listWebhooks: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The webhooks. */
            200: {
                headers: {
                    /** @description The trace of this request, in the form of `traceparent`: `00-TRACE ID-SPAN ID-FLAGS`. */
                    traceresponse?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Webhooks"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["InsufficientScopeOrDirectAccess"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    createWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WebhookBody"];
            };
        };
        responses: {
            /** @description The webhook, with its secret. */
            200: {
                headers: {
                    /** @description Its address, relative to the request. */
                    Location: string;
                    /** @description The trace of this request, in the form of `traceparent`: `00-TRACE ID-SPAN ID-FLAGS`. */
                    traceresponse?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookCreated"];
                };
            };
            400: components["responses"]["InvalidRequestOrMalformedJson"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["InsufficientScopeOrDirectAccess"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The webhook's id.
                 * @example whk_Zk3v1Qm8tXcR0aWnY5dB
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The webhook. */
            200: {
                headers: {
                    /** @description The trace of this request, in the form of `traceparent`: `00-TRACE ID-SPAN ID-FLAGS`. */
                    traceresponse?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Webhook"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["InsufficientScopeOrDirectAccess"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    deleteWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The webhook's id.
                 * @example whk_Zk3v1Qm8tXcR0aWnY5dB
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The webhook as it was. */
            200: {
                headers: {
                    /** @description The trace of this request, in the form of `traceparent`: `00-TRACE ID-SPAN ID-FLAGS`. */
                    traceresponse?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Webhook"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["InsufficientScopeOrDirectAccess"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getStatus: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The API is up, or degraded. */
            200: {
                headers: {
                    /** @description The trace of this request, in the form of `traceparent`: `00-TRACE ID-SPAN ID-FLAGS`. */
                    traceresponse?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlatformStatus"];
                };
            };
            403: components["responses"]["DirectAccess"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            /** @description The API is down. */
            503: {
                headers: {
                    /** @description The trace of this request, in the form of `traceparent`: `00-TRACE ID-SPAN ID-FLAGS`. */
                    traceresponse?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlatformStatus"] | components["schemas"]["AwsMessage"];
                };
            };
        };
    };
    getLive: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It does. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Live"];
                };
            };
            403: components["responses"]["DirectAccess"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    getReady: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It can. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Ready"];
                };
            };
            403: components["responses"]["DirectAccess"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    "order.recorded": {
        parameters: {
            query?: never;
            header: {
                /** @description The event's id, the same in all attempts. */
                "webhook-id": string;
                /** @description When this attempt was signed, in seconds since 1970. */
                "webhook-timestamp": string;
                /** @description `v1,` and HMAC-SHA256 in base64 of id, timestamp and body with dots between them, under the secret. */
                "webhook-signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OrderRecordedDelivery"];
            };
        };
        responses: {
            /** @description The receiver has it; the body is not read. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Any other answer, or no answer within 5 s: the event is sent again, seven times in 28 hours. `410` ends it at once. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "order.rejected": {
        parameters: {
            query?: never;
            header: {
                /** @description The event's id, the same in all attempts. */
                "webhook-id": string;
                /** @description When this attempt was signed, in seconds since 1970. */
                "webhook-timestamp": string;
                /** @description `v1,` and HMAC-SHA256 in base64 of id, timestamp and body with dots between them, under the secret. */
                "webhook-signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OrderRejectedDelivery"];
            };
        };
        responses: {
            /** @description The receiver has it; the body is not read. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Any other answer, or no answer within 5 s: the event is sent again, seven times in 28 hours. `410` ends it at once. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
}
