using System.Net;
using System.Text.Json;
using Sluice.Contracts;

namespace Sluice.Gateway.Tests;

/// <summary>What the protocols say an error looks like.</summary>
internal static class Answers
{
    /// <summary>An error of v2, with the fault's label; returns its text.</summary>
    public static async Task<string> AreErrorAsync(HttpResponseMessage answer, HttpStatusCode status, string fault)
    {
        var body = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(status == answer.StatusCode, $"{answer.StatusCode}: {body}");
        Assert.Equal("application/json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal(fault, answer.Headers.GetValues(SluiceHeaders.Fault).Single());
        var error = Assert.Single(JsonDocument.Parse(body).RootElement.EnumerateObject());
        Assert.Equal("error", error.Name);
        return error.Value.GetString()!;
    }
}
