# An Exim of a test's own: configuration, spool, log and port, all in a directory that goes
# away with the test.
package Exim;

use strict;
use warnings;
use Exporter 'import';
use PeerTest;
use Test::More;

our @EXPORT = qw(exim exim_configured exim_listening exim_said);

# The directory of a new one, with this configuration behind what each has; in it %s is the
# directory.
sub exim_configured
{
	my ($configuration) = @_;
	my $dir = scratch_dir();

	mkdir "$dir/spool" and chown scalar getpwnam('mail'), scalar getgrnam('mail'), "$dir/spool" or die "$dir/spool: $!";
	spew("$dir/exim.conf", <<"END" . $configuration =~ s/%s/$dir/gr);
exim_user = mail
exim_group = mail
never_users =
spool_directory = $dir/spool
log_file_path = $dir/spool/%slog
primary_hostname = relay.example
keep_environment =
END
	return $dir;
}

# Runs it with these arguments.  Returns what run() does.
sub exim
{
	my ($dir, $input, @arguments) = @_;
	return run(['exim4', '-C', "$dir/exim.conf", @arguments], input => $input);
}

# Starts it as a server; returns its port.
sub exim_listening
{
	my ($dir) = @_;
	my $port = free_port();

	start("$dir/output", 'exim4', '-C', "$dir/exim.conf", '-bdf', '-oX', "127.0.0.1.$port", '-oP', "$dir/pid");
	wait_for_port($port) or BAIL_OUT('exim: ' . slurp("$dir/output") . mainlog($dir));
	return $port;
}

sub mainlog
{
	my ($dir) = @_;
	return -e "$dir/spool/mainlog" ? slurp("$dir/spool/mainlog") : '';
}

# Waits for the first line of its log that matches.
sub exim_said
{
	my ($dir, $pattern) = @_;
	my $found;

	until_true(sub { ($found) = grep { $_ =~ $pattern } split /\n/, mainlog($dir) }) or diag(mainlog($dir));
	return $found;
}

1;
