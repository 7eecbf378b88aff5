using System.Net;
using System.Net.Sockets;

namespace Palisade.Banks.Fetching;

/// <summary>
/// Tells addresses of the public internet from those of this machine, this network, a cloud's insides, and from forms
/// that carry another address within them.
/// </summary>
/// <remarks>
/// Sources: the IANA special-purpose address registries for IPv4 and IPv6 (RFC 6890 and its updates). Of IPv6 only
/// global unicast, 2000::/3, can be public at all (RFC 4291 section 2.4): loopback, link-local, unique-local,
/// multicast, IPv4-mapped and the NAT64 prefixes 64:ff9b::/96 and 64:ff9b:1::/48 all lie outside it.
/// </remarks>
public static class PublicAddress
{
    private static readonly IPNetwork[] NotPublic =
    [
        .. new[]
        {
            "0.0.0.0/8", // this network
            "10.0.0.0/8", // private
            "100.64.0.0/10", // behind a carrier's NAT; one cloud keeps its metadata at 100.100.100.200
            "127.0.0.0/8", // loopback
            "169.254.0.0/16", // link-local, and the metadata of most clouds
            "172.16.0.0/12", // private
            "192.0.0.0/24", // protocol assignments; one cloud keeps its metadata at 192.0.0.192
            "192.0.2.0/24", // documentation
            "192.31.196.0/24", // AS112
            "192.52.193.0/24", // AMT
            "192.88.99.0/24", // 6to4 relays
            "192.168.0.0/16", // private
            "192.175.48.0/24", // AS112
            "198.18.0.0/15", // benchmarking
            "198.51.100.0/24", // documentation
            "203.0.113.0/24", // documentation
            "224.0.0.0/4", // multicast
            "240.0.0.0/4", // reserved, and broadcast
            "168.63.129.16/32", // public by its number, yet one cloud's host answers there
            "2001::/23", // protocol assignments: Teredo, benchmarking, ORCHID
            "2001:db8::/32", // documentation
            "2002::/16", // 6to4: carries an IPv4 address
            "2620:4f:8000::/48", // AS112
            "3fff::/20", // documentation
        }.Select(network => IPNetwork.Parse(network)),
    ];

    public static bool IsPublic(IPAddress address) =>
        (address.AddressFamily == AddressFamily.InterNetwork || IsGlobalUnicast(address))
        && !NotPublic.Any(network => network.Contains(address));

    /// <summary>2000::/3, by its three bits: IPNetwork looks through IPv4-mapped ones and lets them in.</summary>
    private static bool IsGlobalUnicast(IPAddress address) => address.GetAddressBytes()[0] >> 5 == 1;
}
