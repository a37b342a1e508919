using Sluice.Contracts;
using Sluice.Gateway.Routing;

namespace Sluice.Gateway.Access;

/// <summary>What an endpoint says that tells of models: only to whoever may ask them. An endpoint that does not say it is for everybody.</summary>
/// <param name="Protocol">The protocol that a refusal speaks.</param>
internal sealed record AsksForKey(InferenceProtocol Protocol);

/// <summary>Lets in who may be told what an endpoint tells; a key for one model only where the path names no other.</summary>
internal sealed class MetadataDoor(RequestDelegate next, Routes routes, CallerCheck check, GatewayMetrics metrics)
{
    private const string Model = "model"; // in the paths of InferencePaths

    public Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<AsksForKey>() is not { } rule)
        {
            return next(context);
        }

        var table = routes.Current;
        var model = context.GetRouteValue(Model) as string ?? "";
        if (check.Check(context, table, model, out _) is not { } denial)
        {
            return next(context);
        }

        metrics.Refused(table.Find(model)?.Figures ?? metrics.Unknown, denial.Reason);
        return denial.In(rule.Protocol).ExecuteAsync(context);
    }
}

/// <summary>Says that an endpoint asks for a key.</summary>
internal static class AccessEndpoints
{
    public static TBuilder RequiresKey<TBuilder>(this TBuilder endpoints, InferenceProtocol protocol = InferenceProtocol.V2)
        where TBuilder : IEndpointConventionBuilder => endpoints.WithMetadata(new AsksForKey(protocol));
}
