using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dcp;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.Tests;

/// <summary>What a description may not contain, and how its parts are named.</summary>
public sealed class ModelTests
{
    private readonly ModelStage _stage = new();

    [Theory]
    [InlineData("", "empty")]
    [InlineData("1st", "start with an ASCII letter")]
    [InlineData("a_b", "letters, digits and hyphens")]
    [InlineData("a--b", "consecutive hyphens")]
    [InlineData("a-", "end with a hyphen")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "longer than 64")]
    public void A_name_that_could_not_become_a_host_name_is_refused(string name, string reason)
    {
        Assert.Contains(reason, Assert.ThrowsAny<ArgumentException>(() => _stage.Add(name)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_are_unique_whatever_their_case()
    {
        _stage.Add("project").WithHttpEndpoint();

        Assert.Contains("'project' has that name", Assert.Throws<DistributedApplicationException>(() => _stage.Add("PROJECT")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Endpoints_of_a_resource_have_names_of_their_own() => Assert.Contains(
        "endpoint named 'http' already",
        Assert.Throws<DistributedApplicationException>(() => _stage.Add("project").WithHttpEndpoint().WithHttpEndpoint(port: 1)).Message,
        StringComparison.Ordinal);

    [Theory]
    [InlineData(2, null, 9000, true, "only one replica")]
    [InlineData(2, 9000, null, false, "replicas cannot share")]
    [InlineData(1, 9000, 9000, true, "leave the target port out")]
    [InlineData(1, null, null, false, "needs a port")]
    [InlineData(1, 9000, 9001, false, "must be the same")]
    public void An_endpoint_that_cannot_work_is_refused_by_name(int replicas, int? port, int? targetPort, bool isProxied, string reason)
    {
        var project = _stage.Add("project").WithReplicas(replicas).WithHttpEndpoint(port, targetPort, isProxied: isProxied);

        var refused = Assert.Throws<DistributedApplicationException>(() => ServicePlan.For(project.Resource));

        Assert.StartsWith("Endpoint 'http' of resource 'project' ", refused.Message, StringComparison.Ordinal);
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nobody_waits_for_himself()
    {
        var project = _stage.Add("project");

        Assert.Throws<DistributedApplicationException>(() => project.WaitFor(project));
    }

    [Fact]
    public void An_address_is_asked_for_too_early()
    {
        var endpoint = _stage.Add("project").WithHttpEndpoint().GetEndpoint("http");

        Assert.Contains("gets one when the application starts", Assert.Throws<InvalidOperationException>(() => endpoint.Url).Message, StringComparison.Ordinal);
        Assert.Contains("no endpoint named 'x'", Assert.Throws<InvalidOperationException>(() => _stage.Builder.Resources[0] is IResourceWithEndpoints owner ? owner.GetEndpoint("x").Url : "").Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--operation", "deploy", "no operation 'deploy'")]
    [InlineData("--publisher", "bicep", "no publisher 'bicep'")]
    public void An_operation_that_does_not_exist_is_refused_and_not_ignored(string key, string value, string reason) => Assert.Contains(
        reason,
        Assert.Throws<DistributedApplicationException>(() => DistributedApplication.CreateBuilder([key, value])).Message,
        StringComparison.Ordinal);

    [Theory]
    [InlineData("Starting", new HealthStatus[0], null)]
    [InlineData("Running", new HealthStatus[0], HealthStatus.Healthy)]
    [InlineData("Running", new[] { HealthStatus.Healthy, HealthStatus.Degraded }, HealthStatus.Degraded)]
    [InlineData("Running", new[] { HealthStatus.Unhealthy, HealthStatus.Healthy }, HealthStatus.Unhealthy)]
    public void A_resource_is_as_healthy_as_its_worst_report_while_it_runs(string state, HealthStatus[] reports, HealthStatus? health)
    {
        var snapshot = new CustomResourceSnapshot
        {
            ResourceType = "Project",
            Properties = [],
            State = state,
            HealthReports = [.. reports.Select(report => new HealthReportSnapshot("check", report, null, null))],
        };

        Assert.Equal(health, snapshot.HealthStatus);
    }

    [Fact]
    public void A_check_that_has_not_run_counts_as_unhealthy() => Assert.Equal(HealthStatus.Unhealthy, new CustomResourceSnapshot
    {
        ResourceType = "Project",
        Properties = [],
        State = KnownResourceStates.Running,
        HealthReports = [new HealthReportSnapshot("check", null, null, null)],
    }.HealthStatus);
}
