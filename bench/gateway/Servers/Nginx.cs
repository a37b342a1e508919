using Sluice.Measuring;
using Sluice.Testing;

namespace Sluice.GatewayBench.Servers;

/// <summary>nginx as a reverse proxy: one worker a core, connections to the upstream kept, bodies held as it does by default.</summary>
internal static class Nginx
{
    private static readonly string[] Places = ["/usr/sbin/nginx", "/usr/bin/nginx", "/usr/local/sbin/nginx"];

    /// <summary>Installs it where it is missing and that is allowed.</summary>
    /// <returns>Its path; null when it is not there.</returns>
    public static async Task<string?> FindAsync()
    {
        await using var install = ChildProcess.Start(Repository.PathOf("eng", "install-optional.sh"), ["nginx:nginx-light"]);
        await install.WaitForExitAsync(TimeSpan.FromMinutes(10));
        return Places.FirstOrDefault(File.Exists);
    }

    public static ServerProcess Start(string program, TemporaryFolder folder, Uri upstream)
    {
        var port = FreePort.Take(1)[0];
        Directory.CreateDirectory(folder.PathOf("logs"));
        File.WriteAllText(folder.PathOf("nginx.conf"), $$"""
            daemon off;
            master_process off;
            pid nginx.pid;
            error_log stderr warn;
            events { worker_connections 1024; }
            http {
              access_log off;
              client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
              client_body_buffer_size 64k;
              client_max_body_size 100m;
              keepalive_requests 1000000;
              upstream replica { server 127.0.0.1:{{upstream.Port}}; keepalive 128; keepalive_requests 1000000; }
              server {
                listen 127.0.0.1:{{port}};
                location / { proxy_pass http://replica; proxy_http_version 1.1; proxy_set_header Connection ""; }
              }
            }
            """);
        return new ServerProcess(ChildProcess.Start(program, ["-p", folder.Path, "-e", "stderr", "-c", folder.PathOf("nginx.conf")]), port);
    }
}
