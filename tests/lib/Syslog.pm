# For tests of what goes to syslog(3): a /dev of their own, with nobody who listens there
# but whom the test starts, or the test itself.
package Syslog;
use strict;
use warnings;

use Exporter 'import';
use IO::Socket::UNIX;
use Socket qw(SOCK_DGRAM);
use PeerTest;

our @EXPORT = qw(in_own_mounts mounted own_dev syslog_listener syslog_lines);

# The test goes on among mounts of its own, where that can be: only root can.  Returns
# whether it does.
sub in_own_mounts
{
	return 1 if $ENV{IN_NAMESPACE};
	return 0 if $> != 0 || system 'unshare', '--mount', 'true';
	$ENV{IN_NAMESPACE} = 1;
	exec 'unshare', '--mount', $^X, '-Itests/lib', $0;
}

sub mounted
{
	return system('mount', @_) == 0 || die "mount @_ failed\n";
}

# A /dev with what every program wants, and no log.
sub own_dev
{
	my $dev = scratch_dir();

	mounted('-t', 'tmpfs', 'tmpfs', $dev);
	for (qw(null zero random urandom)) {
		spew("$dev/$_", '');
		mounted('--bind', "/dev/$_", "$dev/$_");
	}
	mounted('--move', $dev, '/dev');
}

# Listens on /dev/log, for datagrams or for a stream of type; everybody may write there.
sub syslog_listener
{
	my ($type) = @_;
	my $socket = IO::Socket::UNIX->new(Type => $type || SOCK_DGRAM, Local => '/dev/log',
		$type ? (Listen => 5) : ()) or die "/dev/log: $!\n";

	chmod 0666, '/dev/log';
	$socket->blocking(0);
	return $socket;
}

# What has come since the last time: [priority, facility, the line behind the time].
sub syslog_lines
{
	my ($socket) = @_;
	my @lines;

	while (defined recv $socket, my $datagram, 65536, 0) {
		my ($number, $line) = $datagram =~ /\A<(\d+)>\w{3} [ \d]\d \d\d:\d\d:\d\d (.*)\z/s
			or push @lines, [0, 0, "no line of syslog: $datagram"] and next;
		push @lines, [$number % 8, $number >> 3, $line];
	}
	return @lines;
}

1;
