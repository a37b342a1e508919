using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Dashboard;

internal static class DashboardResource
{
    public static (EndpointReference Endpoint, string Protocol)? FindOtlp(IResourceCollection resources) => null;
}
