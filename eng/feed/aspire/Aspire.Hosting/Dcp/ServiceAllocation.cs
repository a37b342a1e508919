using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Aspire.Hosting.Dcp;

/// <summary>Makes the services and waits for their addresses: before any process starts, so that each can be told of all.</summary>
internal static class ServiceAllocation
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    // The processes of a killed AppHost hold their ports for some seconds; then DCP's next try succeeds.
    private static readonly TimeSpan BusyLimit = TimeSpan.FromSeconds(3);

    /// <exception cref="DistributedApplicationException">A fixed port is taken, or DCP gave no address in time.</exception>
    public static async Task AllocateAsync(DcpClient client, IReadOnlyList<ServicePlan> services, CancellationToken cancellationToken)
    {
        await Task.WhenAll(services.Select(service => client.CreateAsync(
            DcpClient.Services, service.ToDcp(), DcpJson.Default.DcpObjectServiceSpecServiceStatus, cancellationToken))).ConfigureAwait(false);

        // DCP reports a port that it could not open by nothing at all: the address stays away.
        var watch = Stopwatch.StartNew();
        var open = services.Where(service => !TryAllocateWithoutProxy(service)).ToList();
        while (true)
        {
            var allocated = await Task.WhenAll(open.Select(service => TryAllocateAsync(client, service, cancellationToken))).ConfigureAwait(false);
            open = [.. open.Where((_, index) => !allocated[index])];
            if (open.Count == 0)
            {
                return;
            }

            ThrowIfHopeless(open, watch.Elapsed);
            await Task.Delay(20, cancellationToken).ConfigureAwait(false);
        }
    }

    private static bool TryAllocateWithoutProxy(ServicePlan service)
    {
        if (!service.Endpoint.IsProxied)
        {
            service.Allocate(service.Endpoint.Port!.Value);
        }

        return !service.Endpoint.IsProxied;
    }

    private static async Task<bool> TryAllocateAsync(DcpClient client, ServicePlan service, CancellationToken cancellationToken)
    {
        var found = await client.GetAsync(
            DcpClient.Services, service.Name, DcpJson.Default.DcpObjectServiceSpecServiceStatus, cancellationToken).ConfigureAwait(false);
        if (found.Status is not { EffectivePort: > 0 and var port, EffectiveAddress: not null })
        {
            return false;
        }

        service.Allocate(port);
        return true;
    }

    private static void ThrowIfHopeless(List<ServicePlan> open, TimeSpan waited)
    {
        var busy = waited > BusyLimit ? open.Where(service => service.Endpoint.Port is > 0 and var port && IsBusy(port)).ToList() : [];
        if (busy.Count > 0)
        {
            throw new DistributedApplicationException(string.Join(" ", busy.Select(service =>
                $"Port {service.Endpoint.Port} of endpoint '{service.Endpoint.Name}' of resource '{service.Resource.Name}' is taken by another process.")));
        }

        if (waited > Limit)
        {
            throw new DistributedApplicationException($"DCP gave no address within {Limit.TotalSeconds:0} s to " + string.Join(", ", open.Select(service =>
                $"endpoint '{service.Endpoint.Name}' of resource '{service.Resource.Name}' (port {service.Endpoint.Port?.ToString() ?? "any"})")) + ".");
        }
    }

    private static bool IsBusy(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return false;
        }
        catch (SocketException)
        {
            return true;
        }
    }
}
