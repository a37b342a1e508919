using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Sluice.Contracts;

namespace Sluice.Registry.Http;

/// <summary>The rules for what stands in paths, checked in one place before any handler runs.</summary>
internal static class RouteRules
{
    /// <summary>Answers 400 when <c>{model}</c>, <c>{version}</c> or <c>{alias}</c> of a path is not as expected.</summary>
    public static TBuilder CheckRoute<TBuilder>(this TBuilder endpoints)
        where TBuilder : IEndpointConventionBuilder => endpoints.AddEndpointFilter(CheckAsync);

    /// <summary>The number in a path that was checked.</summary>
    public static int Number(string version) => int.Parse(version, NumberStyles.None, CultureInfo.InvariantCulture);

    private static async ValueTask<object?> CheckAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        foreach (var (parameter, value) in context.HttpContext.Request.RouteValues)
        {
            if (value is string text && FindProblem(parameter, text) is { } problem)
            {
                return problem;
            }
        }

        return await next(context);
    }

    private static ProblemHttpResult? FindProblem(string parameter, string value) => parameter switch
    {
        "model" when !ModelName.IsValid(value) => Problems.InvalidModelName(value),
        "version" when !(int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0) =>
            Problems.Invalid("version", $"'{value}' is no version's number: a whole number from 1 is expected"),
        "alias" when !AliasName.IsValid(value) => Problems.Invalid("alias", $"'{value}' is no alias: {AliasName.Rule} are expected"),
        _ => null,
    };
}
