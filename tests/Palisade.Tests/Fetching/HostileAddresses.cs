using System.Globalization;
using System.Net;

namespace Palisade.Tests.Fetching;

/// <summary>
/// The corpus of T8.1: addresses that try to make this machine call itself, its network or its cloud, written for a
/// fetcher that allows <c>pictures.test</c> and <c>*.pictures.test</c> on 443 and on a canary's port.
/// </summary>
internal static class HostileAddresses
{
    /// <summary>Places that nobody outside may make us call.</summary>
    public static readonly string[] Places =
    [
        "127.0.0.1", "127.1.2.3", "0.0.0.0", "10.0.0.1", "172.16.5.4", "192.168.1.1", "169.254.169.254", "100.100.100.200",
    ];

    /// <summary>Addresses that a name may lead to: the edges of every reserved range, in both families.</summary>
    public static readonly string[] Leads =
    [
        .. Places, "0.255.255.255", "10.255.255.255", "100.64.0.0", "100.127.255.255", "127.255.255.255", "172.31.255.255",
        "192.0.0.192", "192.0.2.1", "192.88.99.1", "192.168.255.255", "198.18.0.1", "198.19.255.255", "198.51.100.7",
        "203.0.113.9", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "168.63.129.16",
        "::", "::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::a00:1", "100::1",
        "2001::1", "2001:0:7f00:1::1", "2001:db8::1", "2002:7f00:1::1", "2002:a00:1::", "3fff::1", "fc00::1",
        "fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1", "ff0e::1",
    ];

    /// <summary>Every address, with what the names in it answer, look by look.</summary>
    public static IEnumerable<string> All(int port, TestNetwork network)
    {
        foreach (var place in Places)
        {
            foreach (var host in Spellings(place))
            {
                yield return $"https://{host}:{port}/picture.jpg";
            }

            yield return $"https://pictures.test@{place}:{port}/";
            yield return $"https://pictures.test:443@{place}:{port}/";
            yield return $"https://{place}:{port}#@pictures.test/";
            yield return $"https://{place}:{port}\\@cdn.pictures.test/";
            yield return $"https://cdn.pictures.test%00.{place}:{port}/";
            yield return Redirect(port, $"https://{place}:{port}/");
            yield return $"https://cdn.pictures.test:{port}/hops/3?location=" + Uri.EscapeDataString($"//{place}:{port}/");
        }

        for (var i = 0; i < Leads.Length; i++)
        {
            var name = $"lead{i}.pictures.test";
            network.Answer(name, [IPAddress.Parse(Leads[i])]);
            yield return $"https://{name}:{port}/picture.jpg";
        }

        for (var i = 0; i < Places.Length; i++)
        {
            var mixed = $"mixed{i}.pictures.test";
            network.Answer(mixed, [TestNetwork.PublicHost, IPAddress.Parse(Places[i])]);
            yield return $"https://{mixed}:{port}/picture.jpg";

            // Public at the first look, private at the second, which a redirect to itself brings about.
            var turning = $"turning{i}.pictures.test";
            network.Answer(turning, [TestNetwork.PublicHost], [IPAddress.Parse(Places[i])]);
            yield return $"https://{turning}:{port}/to?location=/picture.jpg";
        }

        foreach (var odd in Odd(port))
        {
            yield return odd;
        }
    }

    /// <summary>One IPv4 address in the ways that one parser or another understands.</summary>
    private static IEnumerable<string> Spellings(string place)
    {
        var b = IPAddress.Parse(place).GetAddressBytes();
        var number = ((uint)b[0] << 24) | ((uint)b[1] << 16) | ((uint)b[2] << 8) | b[3];
        var high = (b[0] << 8) | b[1];
        var low = (b[2] << 8) | b[3];

        yield return place;
        yield return place + ".";
        yield return number.ToString(CultureInfo.InvariantCulture);
        yield return $"0x{number:x8}";
        yield return "0" + Convert.ToString(number, 8);
        yield return $"0x{b[0]:x}.0x{b[1]:x}.0x{b[2]:x}.0x{b[3]:x}";
        yield return string.Join('.', b.Select(part => "0" + Convert.ToString(part, 8)));
        yield return string.Join('.', b.Select(part => "000" + Convert.ToString(part, 8)));
        yield return $"{b[0]}.{b[1]}.{low}";
        yield return $"{b[0]}.{number & 0xffffff}";
        yield return place.Replace(".", "%2e", StringComparison.Ordinal);
        yield return string.Concat(place.Select(character => $"%{(int)character:x2}"));
        yield return place.Replace('.', '\u3002');
        yield return string.Concat(place.Select(c => char.IsAsciiDigit(c) ? (char)(c - '0' + '\uff10') : c));
        yield return $"[::ffff:{place}]";
        yield return $"[::ffff:{high:x}:{low:x}]";
        yield return $"[::{place}]";
        yield return $"[64:ff9b::{place}]";
        yield return $"[2002:{high:x}:{low:x}::1]";
        yield return $"[2001:0:{high:x}:{low:x}::1]";
        yield return $"[fe80::{high:x}:{low:x}%25eth0]";
    }

    private static IEnumerable<string> Odd(int port) =>
    [
        $"http://cdn.pictures.test:{port}/", $"HTTP://cdn.pictures.test:{port}/", $"ftp://cdn.pictures.test:{port}/",
        $"gopher://127.0.0.1:{port}/_GET", "file:///etc/hostname", "data:image/png;base64,AAAA", "jar:https://pictures.test!/",
        $"//cdn.pictures.test:{port}/", $"cdn.pictures.test:{port}/", $"https:cdn.pictures.test:{port}/",
        $"https:/127.0.0.1:{port}/", $"https:///127.0.0.1:{port}/", $"https:\\\\127.0.0.1:{port}\\", $" https://127.0.0.1:{port}/",
        $"https://localhost:{port}/", $"https://LOCALHOST:{port}/", $"https://localhost.:{port}/",
        $"https://localhost.localdomain:{port}/", $"https://ip6-localhost:{port}/", $"https://[::1]:{port}/",
        $"https://[0:0:0:0:0:0:0:1]:{port}/", $"https://[::]:{port}/", $"https://metadata.google.internal:{port}/",
        $"https://evilpictures.test:{port}/", $"https://pictures.test.evil.test:{port}/", $"https://pictures.test.:{port}/",
        $"https://.pictures.test:{port}/", $"https://cdn..pictures.test:{port}/", $"https://-cdn.pictures.test:{port}/",
        $"https://cdn_1.pictures.test:{port}/", $"https://*.pictures.test:{port}/", $"https://pictures%2etest:{port}/",
        $"https://p\u0456ctures.test:{port}/", $"https://\uff50ictures.test:{port}/", $"https://xn--pctures-5hg.test:{port}/",
        $"https://pictures\u00ad.test:{port}/", $"https://cdn.pictures.test\t:{port}/", $"https://cdn.pictures.test\r\nHost:a:{port}/",
        $"https://cdn.pictures.test:{port}:{port}/", "https://cdn.pictures.test:22/", "https://cdn.pictures.test:0/",
        "https://cdn.pictures.test:-1/", "https://cdn.pictures.test:65979/", "https://cdn.pictures.test:4294967739/",
        "https://cdn.pictures.test:/", "https://cdn.pictures.test: 443/", "https://cdn.pictures.test:+443/",
        $"https://user@cdn.pictures.test:{port}/", $"https://user:word@cdn.pictures.test:{port}/", $"https://@cdn.pictures.test:{port}/",
        "https://", "https:///", "https://?", "https://#", "", $"https://{new string('a', 64)}.pictures.test:{port}/",
        $"https://cdn.pictures.test:{port}/{new string('a', 5000)}",
        Redirect(port, $"http://cdn.pictures.test:{port}/"), Redirect(port, $"https://localhost:{port}/"),
        Redirect(port, $"https://[::1]:{port}/"), Redirect(port, "https://cdn.pictures.test:22/"), Redirect(port, "file:///etc/hostname"),
        Redirect(port, $"https://user@cdn.pictures.test:{port}/"), Redirect(port, $"https://evil.test:{port}/"),
        Redirect(port, $"\\\\127.0.0.1:{port}\\"), Redirect(port, ""), Redirect(port, $"/hops/9?location=/picture.jpg"),
        Redirect(port, Redirect(port, Redirect(port, $"https://127.0.0.1:{port}/"))),
    ];

    private static string Redirect(int port, string location) =>
        $"https://cdn.pictures.test:{port}/to?location={Uri.EscapeDataString(location)}";
}
