# Supervisors hand over signals blocked or ignored, any umask and directory, descriptors left
# open or closed, and an environment of their own or none.  None of it may matter.
use strict;
use warnings;
use lib 'tests/lib';
use Cwd qw(abs_path);
use MailTest;

my $session = "HELO client.example\r\nMAIL FROM:<sender\@client.example>\r\nRCPT TO:<bob\@example.com>\r\nDATA\r\ntext\r\n.\r\nQUIT\r\n";
my $program = abs_path(program('smtp-stdio'));

# Runs a session where a shell or a Perl line has first set something up.
sub delivers {
	my ($what, $how, %with) = @_;
	my $root = new_root('bob@example.com');
	my ($output, $status) = run($session, [ @$how, $program, '-d', $root ], %with);
	is($status, 0, "$what: the session ends well");
	my ($path) = messages($root, 'bob@example.com');
	ok(defined $path, "$what: the message is there") or return;
	is(join(' ', map { sprintf '%o', (stat)[2] & 07777 } $path, "$root/mail/example.com/bob/new"), '600 700', "$what: for its owner only");
}

my @sh = ('/bin/sh', '-c');
delivers('umask 0', [ @sh, 'umask 0; exec "$@"', 'sh' ]);
delivers('umask 777', [ @sh, 'umask 777; exec "$@"', 'sh' ]);
delivers('another directory', [ @sh, 'cd /; exec "$@"', 'sh' ]);
delivers('descriptors left open', [ @sh, 'exec 3<&0 4>&1 5<&0 9>&1; exec "$@"', 'sh' ]);
delivers('no standard error', [ @sh, 'exec "$@" 2>&-', 'sh' ]);
delivers('an empty environment', [ 'env', '-i' ]);
delivers('SIGPIPE, SIGALRM and SIGCHLD ignored', [ $^X, '-e', '$SIG{$_} = "IGNORE" for qw(PIPE ALRM CHLD); exec @ARGV' ]);
delivers('non-blocking descriptors', [ $^X, '-MFcntl', '-e', 'fcntl $_, F_SETFL, O_NONBLOCK | fcntl $_, F_GETFL, 0 for *STDIN, *STDOUT; exec @ARGV' ],
    wire => 'socket');

# Blocked or ignored: whoever stops the server is obeyed nevertheless.
my %setting = (
	'SIGTERM ignored' => '$SIG{TERM} = "IGNORE"',
	'SIGTERM blocked' => 'POSIX::sigprocmask(POSIX::SIG_BLOCK, POSIX::SigSet->new(POSIX::SIGTERM, POSIX::SIGALRM))',
);
for my $what (sort keys %setting) {
	my $root = new_root('bob@example.com');
	my $client = Program->start(command => [ $^X, '-MPOSIX', '-e', "$setting{$what}; exec \@ARGV", $program, '-d', $root ], wire => 'socket');
	like($client->reply, qr/^220 /, "$what: the greeting");
	$client->signal('TERM');
	like($client->rest, qr/^421 4\.3\.2 [^\n]*\n\z/, "$what: it is obeyed"); ## smtp-5321-3.8-b
	is($client->status, 75, "$what: status 75"); ## smtp-5321-3.8-b smtp-stdio-exit
}

# A client that goes away while it is answered is no reason to die by SIGPIPE.
my $root = new_root('bob@example.com');
my $client = start('smtp-stdio', $root, [], wire => 'pipes');
$client->reply;
close $client->{from};
$client->{ended} = 1;
$client->send("NOOP\r\n" x 100);
is($client->status, 0, 'a client that has gone has just gone'); ## smtp-5321-3.8-c smtp-stdio-exit

done_testing;
