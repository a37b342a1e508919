// A web application that tells about itself, for the tests of the orchestration.
var start = DateTime.UtcNow;
var builder = WebApplication.CreateSlimBuilder(args);
if (builder.Configuration["SECOND_PORT"] is { } second)
{
    builder.WebHost.UseUrls([.. builder.Configuration["ASPNETCORE_URLS"]!.Split(';'), $"http://localhost:{second}"]);
}

var app = builder.Build();
app.MapGet("/", () => Environment.ProcessId);
app.MapGet("/env/{name}", (string name) => Environment.GetEnvironmentVariable(name) ?? "");
app.MapGet("/health", (IConfiguration configuration) =>
    DateTime.UtcNow - start < TimeSpan.FromSeconds(configuration.GetValue("HEALTHY_AFTER_SECONDS", 0.0))
        ? Results.StatusCode(StatusCodes.Status503ServiceUnavailable)
        : Results.Ok());
app.MapPost("/child", () => $"{Environment.ProcessId} {System.Diagnostics.Process.Start("sleep", "600").Id}");
app.MapPost("/crash", () => Environment.Exit(3));
Console.WriteLine("a line on stdout");
Console.Error.WriteLine("a line on stderr");
app.Run();
